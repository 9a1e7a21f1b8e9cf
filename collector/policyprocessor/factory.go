package policyprocessor

import (
	"context"
	"errors"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/processor"
	"go.opentelemetry.io/collector/processor/processorhelper"

	"techsapo.example/collector/policyprocessor/internal/policy"
)

// Type is the processor's name in a configuration.
var Type = component.MustNewType("techsapo_policy")

// NewFactory returns the factory of the processor.
func NewFactory() processor.Factory {
	return processor.NewFactory(
		Type,
		createDefaultConfig,
		processor.WithMetrics(createMetrics, component.StabilityLevelBeta),
		processor.WithTraces(createTraces, component.StabilityLevelBeta),
		processor.WithLogs(createLogs, component.StabilityLevelBeta),
	)
}

func createMetrics(
	ctx context.Context, set processor.Settings, config component.Config, next consumer.Metrics,
) (processor.Metrics, error) {
	own := config.(*Config)
	found, err := policy.Read(own.PolicyFile)
	if err != nil {
		return nil, err
	}
	salt, err := own.salt()
	if err != nil {
		return nil, err
	}
	figures, err := newFigures(set.TelemetrySettings)
	if err != nil {
		return nil, err
	}
	metrics, err := newMetricsPolicy(found, salt, own, figures, set.Logger)
	if err != nil {
		return nil, err
	}
	stop, err := figures.observeInstances(set.TelemetrySettings, found.Version, metrics.instances.count)
	if err != nil {
		return nil, err
	}
	made, err := processorhelper.NewMetrics(ctx, set, config, next, metrics.process,
		// What comes as it may leave is moved, not copied.
		processorhelper.WithCapabilities(consumer.Capabilities{MutatesData: true}),
		processorhelper.WithShutdown(func(context.Context) error { return stop() }))
	if err != nil {
		return nil, errors.Join(err, stop())
	}
	return made, nil
}

func createTraces(
	ctx context.Context, set processor.Settings, config component.Config, next consumer.Traces,
) (processor.Traces, error) {
	figures, err := newFigures(set.TelemetrySettings)
	if err != nil {
		return nil, err
	}
	return processorhelper.NewTraces(ctx, set, config, next, newScrubber(figures, signalTraces).traces,
		processorhelper.WithCapabilities(consumer.Capabilities{MutatesData: true}))
}

func createLogs(
	ctx context.Context, set processor.Settings, config component.Config, next consumer.Logs,
) (processor.Logs, error) {
	figures, err := newFigures(set.TelemetrySettings)
	if err != nil {
		return nil, err
	}
	return processorhelper.NewLogs(ctx, set, config, next, newScrubber(figures, signalLogs).logs,
		processorhelper.WithCapabilities(consumer.Capabilities{MutatesData: true}))
}
