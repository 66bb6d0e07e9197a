// Package staticpage serves a web page that was built before: its index, and the files that the index names. The files
// have a hash of their content in the name and are compressed already. They come from an embedded file system and go to
// browsers.
package staticpage
