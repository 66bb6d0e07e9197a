package image

import (
	"maps"
	"reflect"
	"testing"
)

func TestDockerfile_givesTheSameFilesAndSettings(t *testing.T) {
	type settings struct {
		User         string
		Entrypoint   []string
		Cmd          []string
		WorkingDir   string
		ExposedPorts map[string]struct{}
		StopSignal   string
	}
	read := func(name, architecture string) settings {
		return decode[struct{ Config settings }](t,
			run(t, "skopeo", "inspect", "--config", "--raw", "--override-arch="+architecture, name)).Config
	}
	for _, architecture := range architectures {
		dir := t.TempDir()
		built := "oci-archive:" + dir + "/built.tar"
		// With a storage of its own, which needs no kernel module and is gone after the test.
		run(t, "buildah", "--root="+dir+"/root", "--runroot="+dir+"/run", "--storage-driver=vfs",
			"bud", "--isolation=chroot", "--platform=linux/"+architecture, "--file="+root+"/deploy/Dockerfile",
			"--tag="+built, dist+"/rootfs")
		want, got := files(t, unpack(t, image(t), architecture)), files(t, unpack(t, built, architecture))
		if !maps.Equal(got, want) {
			t.Errorf("%s: the files differ: %d, want %d", architecture, len(got), len(want))
			for path, file := range got {
				if file != want[path] {
					t.Errorf("%s: %s: %v %d:%d", architecture, path, file.mode, file.uid, file.gid)
				}
			}
		}
		if got, want := read(built, architecture), read(image(t), architecture); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: it is run with %+v, want %+v", architecture, got, want)
		}
	}
}
