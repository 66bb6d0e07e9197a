// Package image tests the OCI image that make image writes, without a container engine: skopeo reads and copies it,
// umoci unpacks it, buildah builds the Dockerfile, and the program is run in the unpacked files. It needs root, for the
// owners of files and for chroot. The package is a module of its own, so that the module of the gateway has fewer
// dependencies.
package image
