"""What an audit measures of a judge."""
