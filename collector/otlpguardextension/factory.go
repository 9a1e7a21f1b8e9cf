package otlpguardextension

import (
	"context"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/extension"
)

// Type is the extension's name in a configuration.
var Type = component.MustNewType("techsapo_otlp_guard")

// NewFactory returns the factory of the extension.
func NewFactory() extension.Factory {
	return extension.NewFactory(Type, createDefaultConfig, create, component.StabilityLevelBeta)
}

func create(_ context.Context, set extension.Settings, config component.Config) (extension.Extension, error) {
	figures, err := newFigures(set.TelemetrySettings)
	if err != nil {
		return nil, err
	}
	return newGuard(config.(*Config), figures), nil
}
