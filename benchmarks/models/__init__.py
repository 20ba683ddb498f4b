"""The models of customer value: published results, forecasts, next shops and campaigns, on real histories."""
