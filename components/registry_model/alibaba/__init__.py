"""Facts of Alibaba Cloud: editions, hosts, regions, limits, what its provider does; each with its source and date."""
