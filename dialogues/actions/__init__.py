"""Actions: code steps that change the CRM, one file each; the file name is the name."""
