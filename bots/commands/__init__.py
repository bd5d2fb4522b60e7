"""The commands of `tributary`, one file each."""
