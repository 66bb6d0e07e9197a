// Command bench measures the gateway beside a bare reverse proxy and a plain facade.
// It is a module of its own and is run by `make bench`.
//
// Each of them is a process of its own, and so is the Atlas simulator behind them, so that the cost of
// each can be measured; the clients are in this process. Compare only figures of one run: a figure
// alone depends on the machine.
//
//	main.go      the tables that are printed
//	work.go      the requests: queries for the gateways, paths for the proxy
//	load.go      the clients, and the result of a run
//	process.go   the processes, and the resources that they used
//	upstream.go  the process of the Atlas simulator
//	peers.go     the processes that are compared: the bare proxy and the plain facade
package main
