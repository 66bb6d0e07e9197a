package telemetry

import "testing"

func TestCurrentBuild_isThatOfTheReleaseWhereTheLinkerHasSetIt(t *testing.T) {
	before := CurrentBuild()
	if before.Version == "" || before.Revision == "" || before.Go == "" {
		t.Errorf("a build that is no release is %+v, want no empty field", before)
	}
	version, revision = "1.2.3", "0123abcd"
	t.Cleanup(func() { version, revision = "", "" })
	if b := CurrentBuild(); b.Version != "1.2.3" || b.Revision != "0123abcd" || b.Go != before.Go {
		t.Errorf("a release is %+v, want version 1.2.3, revision 0123abcd and the same Go", b)
	}
}
