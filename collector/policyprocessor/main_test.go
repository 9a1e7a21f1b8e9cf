package policyprocessor

import (
	"testing"

	"go.uber.org/goleak"
)

// No test, and so nothing that it has started and stopped, leaves a goroutine behind.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}
