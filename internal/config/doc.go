// Package config reads the settings: flags, each with an environment variable GATEWAY_<FLAG>, and the variables of
// Atlas under the names that other Atlas tools use. A credential is never a flag, because command lines can be read by
// others.
//
// A setting is declared once, as a field of Config: its name, default, bounds or values, and help stand in the tag.
// Parsing,
// --help and the table of docs/configuration.md follow from it.
package config
