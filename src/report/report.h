/* The face of the report room: charts, documents, spreadsheets, QR codes, and the carbon
 * creditworthiness report. Each part has its own header; this one includes them all. */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include "report/chart.h"
#include "report/creditworthiness.h"
#include "report/issue.h"
#include "report/drawing.h"
#include "report/pdf.h"
#include "report/qr.h"
#include "report/xlsx.h"

#endif
