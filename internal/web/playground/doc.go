// Package playground serves GraphiQL, the page in which people explore the gateway. Its source is web/playground; `make
// generate` builds it into files/.
package playground
