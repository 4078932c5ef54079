//go:build tools

// Package tools pins the Pulumi CLI that the engine tests run: go.mod names its version, go.sum its contents.
package tools

import _ "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
