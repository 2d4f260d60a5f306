"""The story of Bugwire, played against running processes with the clients that users have."""
