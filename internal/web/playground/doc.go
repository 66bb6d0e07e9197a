// Package playground serves GraphiQL: the page that people explore the gateway with. What
// it is built of lies in web/playground; `make generate` builds it into files/.
package playground
