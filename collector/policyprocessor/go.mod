module techsapo.example/collector/policyprocessor

go 1.25.0
