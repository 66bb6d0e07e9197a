// Package staticpage serves a web page that was built ahead: its index, and the files that
// the index names, which are called by their content and compressed already. The bytes
// come from a file system that is embedded, and go to browsers.
package staticpage
