# How pint reads the rules: pint --config monitoring/pint.hcl lint monitoring/rendered/rules
# With a block `prometheus` besides it asks that server, too: docs/monitoring.md.

checks {
  disabled = [
    # The layers are groups of their own on purpose: each has its own interval, and history needs the same one in both
    # Prometheus. What a rule sees of the layer below is an evaluation old at most; each `for` is longer than that.
    "rule/dependency",
  ]
}

check "promql/series" {
  # A call that fails, and an answer of 5xx, may not have been yet.
  ignoreLabelsValue = {
    "job:llm_requests:rate5m"  = ["status"]
    "job:http_requests:rate2m" = ["status_code"]
    "job:http_requests:rate5m" = ["status_code"]
  }
  # What a live Prometheus has only once something has failed. tests/monitoring/test_pint.py makes each of them fail, or
  # finds it in the contract.
  ignoreMetrics = [
    # A counter of the application's has its first value with the first failure.
    "techsapo_redis_connection_failures_total",
    "techsapo_llm_unpriced_calls_total",
    "techsapo_telemetry_overflow_total",
    # So have the Collector's for what was refused.
    "otelcol_processor_techsapo_policy_overflow_points",
    "otelcol_processor_techsapo_policy_refused_points",
    "otelcol_extension_techsapo_otlp_guard_refused_requests",
    # And these only where traces and logs are forwarded.
    "otelcol_exporter_send_failed_spans",
    "otelcol_exporter_send_failed_log_records",
    "otelcol_exporter_enqueue_failed_spans",
    "otelcol_exporter_enqueue_failed_log_records",
  ]
}

rule {
  match {
    kind = "alerting"
  }
  annotation "summary" {
    required = true
    severity = "bug"
    comment  = "what happened"
  }
  annotation "description" {
    required = true
    severity = "bug"
    comment  = "what it means to users"
  }
  annotation "runbook_url" {
    required = true
    severity = "bug"
    comment  = "what to do"
  }
  annotation "dashboard_url" {
    required = true
    severity = "bug"
    comment  = "where to look"
  }
  label "priority" {
    required = true
    severity = "bug"
    values   = ["P0", "P1", "P2"]
    comment  = "Alertmanager routes by it"
  }
  label "service" {
    required = true
    severity = "bug"
    comment  = "the part of the product that is meant"
  }
}

rule {
  match {
    kind = "recording"
  }
  # Made of a recording that has no instance any more.
  ignore {
    name = "job:circuit_breaker_state:worst"
  }
  aggregate "(job|history):.+" {
    strip    = ["instance", "lane"]
    keep     = ["job"]
    severity = "bug"
    comment  = "what one process or one lane tells is no figure of a service"
  }
}

rule {
  match {
    name = "Watchdog"
  }
  # It is there to fire always: its silence is the alarm.
  disable = ["alerts/comparison"]
}

rule {
  match {
    name = "BudgetNearlySpent"
  }
  # Without `for`, as money does not come back. Both figures come of one scrape of one process: neither is there alone.
  disable = ["promql/fragile"]
}

rule {
  match {
    name = "job:redis_connection_failures:.+|LlmCallsUnpriced|history:.+"
  }
  # `anchored` needs no flag from Prometheus 3.16 on, and the rules are evaluated there: tests/monitoring/conftest.py.
  disable = ["promql/features"]
}

rule {
  match {
    name = "HttpServerErrors|CacheHitsLow"
  }
  # pint takes a matcher inside of round() for a label of its result, and says that both sides of `and` never match.
  disable = ["promql/impossible"]
}
