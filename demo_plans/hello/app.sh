#!/bin/sh
# Greets whoever is named, or you.
echo "Hello, ${1:-you}!"
