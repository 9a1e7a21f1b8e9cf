// Package otlptokenextension asks OTLP senders for a bearer token where one is set, and lets all in where none is.
//
// The check itself is that of the bearertokenauth extension. What this one adds is the case without a token, so that one
// configuration serves both and a token that is set cannot be forgotten by it.
package otlptokenextension
