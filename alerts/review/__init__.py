"""What a clinic reviews: burden and budget, silent pilots, the weekly list."""
