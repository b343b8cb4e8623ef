//! An invite link as a picture to scan.

use qrcode::{EcLevel, QrCode, render::svg};

use crate::error::{ApiError, ErrorCode};

/// The QR code of a link as SVG, dark on light with a quiet margin.
pub(crate) fn svg(link: &str) -> Result<String, ApiError> {
    let code = QrCode::with_error_correction_level(link, EcLevel::M).map_err(|error| {
        ApiError::new(ErrorCode::Internal, format!("the link does not fit a QR code: {error}"))
    })?;
    Ok(code.render::<svg::Color>().min_dimensions(240, 240).quiet_zone(true).build())
}
