/* The face of the evidence room: the Merkle log of everything that was accepted, run and reported,
 * its signed checkpoints, receipts inside report PDFs, canonical JSON and the keys. Formats are in
 * doc/formats.md. Other rooms include this file only. */
#ifndef TRUST_TRUST_H
#define TRUST_TRUST_H

#include "trust/canonical.h"
#include "trust/command.h"
#include "trust/key.h"
#include "trust/log.h"
#include "trust/merkle.h"
#include "trust/note.h"
#include "trust/receipt.h"
#include "trust/tile.h"

#endif
