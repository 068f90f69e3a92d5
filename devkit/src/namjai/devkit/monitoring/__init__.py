"""What operators see of Namjai: rules for burnt error budgets and dashboards, written from short descriptions."""
