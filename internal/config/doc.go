// Package config reads the settings: flags, each with an environment variable
// GATEWAY_<FLAG>, and Atlas's own variables under the names that other Atlas tools
// use. A credential is never a flag, because command lines are seen by others.
package config
