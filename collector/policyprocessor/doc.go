// Package policyprocessor is the techsapo_policy processor: it holds every sender to the telemetry contract.
//
// Metrics come out as the contract declares them, whoever sent them: known names, types, boundaries and labels, values
// of declared domains, client addresses as buckets, a bounded number of series, sums conserved. Traces and logs keep
// their shape and lose the personal data in them. README.md tells the options.
package policyprocessor // import "techsapo.example/collector/policyprocessor"
