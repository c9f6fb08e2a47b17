package redisstore

// What an entry in the stream is read by.
const MaxPacked = maxPacked

var ParseEntry = parseEntry
