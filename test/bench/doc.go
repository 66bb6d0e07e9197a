// Command bench measures the gateway beside a bare reverse proxy and a plain facade.
// It is a module of its own and is run by `make bench`.
//
// Each of them is a process of its own before one more process, which plays Atlas, so
// that what each costs can be told apart; the clients are in this one. Compare figures
// of one run with each other: a figure alone says more about the machine.
//
//	main.go      the tables that are printed
//	work.go      what is asked: queries for the gateways, paths for the proxy
//	load.go      the clients, and what a run of them came to
//	process.go   the processes, and what the system says that they used
//	upstream.go  the process that plays Atlas
//	peers.go     the processes that are compared: the bare proxy and the plain facade
package main
