"""Questions of members and shops to whoever runs the platform, and the answers."""
