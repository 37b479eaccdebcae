'use strict'

/** Tests of other things must not find what a test before them has read, so they keep nothing on disk. */

process.env.LOCKER_CACHE_DIR = 'none'
