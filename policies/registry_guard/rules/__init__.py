"""One rule a file, named by its id. `registry_guard.rule.rules` finds them; RULES.md is generated from them."""
