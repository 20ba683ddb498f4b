"""The shop's own screens: what owners, managers and cashiers see and do about their business."""
