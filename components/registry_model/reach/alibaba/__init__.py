"""Who reaches a registry of Alibaba Cloud: what only that cloud has. The words for it are those of every cloud."""
