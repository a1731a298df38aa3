"""Facts of Azure: names, regions and limits, each with its source and date."""
