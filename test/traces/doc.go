// Package traces tests what the built gateway exports by OpenTelemetry. The receiver is that of the OpenTelemetry
// Collector, from its Go module; Atlas is the simulator, in the process of the tests; the router is Hive Gateway with its
// own plugin for OpenTelemetry, in a process of Node.
package traces
