package atlassim

import (
	"encoding/binary"
	"encoding/hex"
	"strconv"
	"time"
)

// family is the middle part of an ObjectID, which in a real one tells machine and process. Here it tells what the id
// is for, so that ids of different families differ.
type family uint64

// The families, of five bytes each.
const (
	familyOrganization family = 0x5c1d2e3f4a
	familyProject      family = 0x1f3a9b27c6
	familyCluster      family = 0x8be41d70a2
	familySnapshot     family = 0x47c2e09d1b
	familyHistory      family = 0xd2950f6e38
	familySample       family = 0xa6713bc8f4
	familyRelative     family = 0x3e8f52d4b7
	familyLive         family = 0x90ab6c14e5
	familyFlex         family = 0x2c94d7a05e
	familyReplicaSet   family = 0x71e8b30f96
	familySharded      family = 0xb85a2d6c13
	familyMigrated     family = 0x4f07c9e28d
	familyBulk         family = 0xe36d1850ab
	familyAdded        family = 0x09f5a4c7d2
	familyRecent       family = 0x68d3b71f0c
	familyCollection   family = 0x5ab0e8c361
	familyEvent        family = 0xd40f62b9a8
	familyExport       family = 0x1b87f5c034
	familyStarted      family = 0x3a7cd1586e // of what a request has started
	familyPart         family = 0xc7429eb61f // of parts of a cluster or snapshot: shards, zones, members
)

// objectID returns an id: four bytes of seconds since 1970, the family, and a counter of three bytes.
func objectID(at time.Time, f family, counter uint32) string {
	var b [12]byte
	binary.BigEndian.PutUint64(b[4:], uint64(f)<<24|uint64(counter&0xffffff))
	binary.BigEndian.PutUint32(b[:4], uint32(at.Unix())) //nolint:gosec // an ObjectID's clock ends in 2106
	return hex.EncodeToString(b[:])
}

// splitObjectID is the inverse of objectID for an id that is one.
func splitObjectID(id string) (seconds int64, f family, counter uint32) {
	s, _ := strconv.ParseUint(id[:8], 16, 32)
	m, _ := strconv.ParseUint(id[8:18], 16, 64)
	c, _ := strconv.ParseUint(id[18:], 16, 32)
	return int64(s), family(m), uint32(c)
}

// isObjectID reports whether s has the form of the API: 24 hexadecimal digits, in lower case.
func isObjectID(s string) bool {
	if len(s) != 24 {
		return false
	}
	for i := 0; i < len(s); i++ {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}
