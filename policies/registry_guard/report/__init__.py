"""Reports: what a pack found, read from an event stream or judged by `registry-guard check`, in the formats of CI."""
