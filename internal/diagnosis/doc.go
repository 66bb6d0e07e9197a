// Package diagnosis checks what a gateway needs of the network and of Atlas: names, certificates, clocks, what each
// credential may read in each project, and how many calls are left. It only reads, by few calls, and its findings hold
// no secret. Package app says what to check; the program prints the findings for an operator.
package diagnosis
