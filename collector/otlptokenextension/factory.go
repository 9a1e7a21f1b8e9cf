package otlptokenextension

import (
	"context"
	"fmt"

	"github.com/open-telemetry/opentelemetry-collector-contrib/extension/bearertokenauthextension"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/extension"
	"go.opentelemetry.io/collector/extension/extensionauth"
)

// Type is the extension's name in a configuration.
var Type = component.MustNewType("techsapo_otlp_token")

// NewFactory returns the factory of the extension.
func NewFactory() extension.Factory {
	return extension.NewFactory(Type, createDefaultConfig, create, component.StabilityLevelBeta)
}

func create(ctx context.Context, set extension.Settings, config component.Config) (extension.Extension, error) {
	own := config.(*Config)
	if !own.asked() {
		return open{}, nil
	}
	bearer := bearertokenauthextension.NewFactory()
	told := bearer.CreateDefaultConfig().(*bearertokenauthextension.Config)
	// Nobody is let in, or refused, before the file has been read.
	told.BearerToken, told.Filename, told.WaitForTokenFile = own.Token, own.TokenFile, own.TokenFile != ""
	set.ID = component.NewIDWithName(bearer.Type(), set.ID.Name())
	made, err := bearer.Create(ctx, set, told)
	if err != nil {
		return nil, fmt.Errorf("the bearer token extension: %w", err)
	}
	return made, nil
}

// open is the authenticator that lets all in.
type open struct {
	component.StartFunc
	component.ShutdownFunc
}

var (
	_ extension.Extension  = open{}
	_ extensionauth.Server = open{}
)

// Authenticate lets a request in.
func (open) Authenticate(ctx context.Context, _ map[string][]string) (context.Context, error) {
	return ctx, nil
}
