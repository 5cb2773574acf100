"""What programs find the portal by: feeds, a sitemap, citations, metadata, preview pictures."""
