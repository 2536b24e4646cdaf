"""The role play: teams at tables decide for the parties of a scenario."""
