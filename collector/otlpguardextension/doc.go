// Package otlpguardextension bounds what OTLP requests can take from the heap, before they are decoded.
//
// A body of 20 MiB can be 10 million empty messages of two bytes, which the decoder makes 1.5 GB of structs of. The guard
// counts what a body would become while it is read, refuses what is over the limit, and lets as many be decoded at a time
// as fit below it together.
package otlpguardextension
