// example: calls
