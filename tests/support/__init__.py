"""What the tests stand on: databases, a browser, a closed network and an honest count."""
