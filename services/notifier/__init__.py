"""The notifier matches indexed papers with subscriptions and delivers signed alerts."""
