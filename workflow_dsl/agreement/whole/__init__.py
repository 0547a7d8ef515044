"""The template as a whole: names, conditions, parameters, circles of resources, and nested stacks."""
