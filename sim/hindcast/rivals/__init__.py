"""Rivals: forecasts that know no model, one module a rival; `table` lists them."""
