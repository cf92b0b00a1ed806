//! The little arithmetic on embeddings that answering needs.

/// The dot product; of unit vectors, their cosine. Of vectors of different length, that of the shorter one.
pub(crate) fn dot(a: &[f32], b: &[f32]) -> f64 {
    a.iter().zip(b).map(|(a, b)| f64::from(a * b)).sum()
}

/// What is left of `v` when its part along the unit vector `axis` is taken out, as a unit vector; zero when nothing is.
pub(crate) fn residual(v: &[f32], axis: &[f32]) -> Vec<f32> {
    let along = dot(v, axis) as f32;
    let mut rest: Vec<f32> = v.iter().zip(axis).map(|(v, axis)| v - along * axis).collect();
    let length = dot(&rest, &rest).sqrt() as f32;
    if length > f32::EPSILON {
        rest.iter_mut().for_each(|value| *value /= length);
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_residual_is_a_unit_vector_at_a_right_angle_to_the_axis() {
        let rest = residual(&[0.6, 0.8, 0.0], &[1.0, 0.0, 0.0]);
        assert!(dot(&rest, &[1.0, 0.0, 0.0]).abs() < 1e-6);
        assert!((dot(&rest, &rest) - 1.0).abs() < 1e-6);
        assert_eq!(residual(&[1.0, 0.0], &[1.0, 0.0]), [0.0, 0.0]);
    }
}
