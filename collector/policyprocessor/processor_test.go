package policyprocessor
import _ "go.opentelemetry.io/collector/confmap/xconfmap"
import _ "go.opentelemetry.io/collector/confmap"
import _ "go.opentelemetry.io/collector/consumer/consumertest"
import _ "go.opentelemetry.io/collector/processor/processortest"
import _ "go.opentelemetry.io/collector/component/componenttest"
