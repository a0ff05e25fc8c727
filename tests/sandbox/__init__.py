"""The local Slack is as strict as Slack, and a stock Bolt app can live on it."""
