use rand::Rng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

use crate::config::Augmentation;
use crate::data::{PLANE_LEN, SetHeader};
use crate::layout::FRAMES;

/// Changes the planes (C, 128, 32) of one scene in place. `present` names the receivers that take part.
pub(crate) fn augment(
    planes: &mut [f32],
    present: &[bool],
    header: &SetHeader,
    how: &Augmentation,
    rng: &mut ChaCha8Rng,
) {
    let kept = keep_receivers(present, how.receiver_dropout, rng);
    let normal = |rng: &mut ChaCha8Rng| -> f32 { StandardNormal.sample(rng) };
    let common = how.common_gain_db * normal(rng);
    let gains: Vec<f32> =
        kept.iter().map(|_| (common + how.receiver_gain_db * normal(rng)) / header.decibels_per_unit).collect();
    let roll = if how.roll { rng.random_range(0..FRAMES) } else { 0 };
    for (index, (plane, (first, second))) in
        planes.chunks_exact_mut(PLANE_LEN).zip(header.plane_receivers()).enumerate()
    {
        let level = first == second;
        if !(kept[first] && kept[second]) {
            plane.fill(if level { header.mel_floor } else { 0.0 });
            continue;
        }
        if header.stored_planes.binary_search(&index).is_err() {
            continue;
        }
        if level {
            let (gain, floor) = (gains[first], header.mel_floor);
            plane.iter_mut().for_each(|x| *x = (*x + gain).max(floor));
        }
        if how.noise > 0.0 {
            plane.iter_mut().for_each(|x| *x += how.noise * normal(rng));
        }
        plane.chunks_exact_mut(FRAMES).for_each(|band| band.rotate_right(roll));
    }
}

/// Takes receivers away by chance, but leaves two of those that are there.
fn keep_receivers(present: &[bool], dropout: f32, rng: &mut ChaCha8Rng) -> Vec<bool> {
    let mut kept: Vec<bool> = present.iter().map(|there| *there && rng.random::<f32>() >= dropout).collect();
    let lost: Vec<usize> = (0..present.len()).filter(|r| present[*r] && !kept[*r]).collect();
    let missing = 2usize.saturating_sub(kept.iter().filter(|k| **k).count());
    let first = if lost.is_empty() { 0 } else { rng.random_range(0..lost.len()) };
    for offset in 0..missing.min(lost.len()) {
        kept[lost[(first + offset) % lost.len()]] = true;
    }
    kept
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    fn header() -> SetHeader {
        SetHeader {
            receivers: vec!["a".into(), "b".into(), "c".into()],
            feature_hash: String::new(),
            receivers_enu_m: vec![[0.0; 2]; 3],
            scale_m: 1.0,
            extent_m: 2.0,
            lag_span_s: vec![1e-6; 3],
            noise_share: vec![1.0 / 128.0; 128],
            mel_floor: -2.0,
            decibels_per_unit: 20.0,
            stored_planes: vec![0, 1, 2, 3],
            source: String::new(),
        }
    }

    fn planes() -> Vec<f32> {
        (0..6 * PLANE_LEN).map(|i| if i < 4 * PLANE_LEN { (i % FRAMES) as f32 } else { 0.0 }).collect()
    }

    #[test]
    fn receivers_that_are_taken_away_look_as_if_missing_and_two_stay() {
        let how = Augmentation { receiver_dropout: 0.9, roll: false, ..Augmentation::default() };
        for seed in 0..50 {
            let mut x = planes();
            augment(&mut x, &[true; 3], &header(), &how, &mut ChaCha8Rng::seed_from_u64(seed));
            let gone: Vec<bool> =
                (0..3).map(|r| x[r * PLANE_LEN..(r + 1) * PLANE_LEN].iter().all(|v| *v == -2.0)).collect();
            assert!(gone.iter().filter(|g| !**g).count() >= 2);
            let pair = &x[3 * PLANE_LEN..4 * PLANE_LEN];
            assert_eq!(pair.iter().all(|v| *v == 0.0), gone[0] || gone[1]);
        }
    }

    #[test]
    fn a_common_gain_moves_all_levels_by_the_same_and_no_correlogram() {
        let how = Augmentation { common_gain_db: 6.0, receiver_dropout: 0.0, roll: false, ..Augmentation::default() };
        let mut x = planes();
        augment(&mut x, &[true; 3], &header(), &how, &mut ChaCha8Rng::seed_from_u64(3));
        let moved: Vec<f32> = (0..4).map(|p| x[p * PLANE_LEN + 9] - 9.0).collect();
        assert!(moved[0] != 0.0 && moved[1] == moved[0] && moved[2] == moved[0] && moved[3] == 0.0);
    }

    #[test]
    fn rolling_turns_all_planes_alike() {
        let how = Augmentation { receiver_dropout: 0.0, ..Augmentation::default() };
        let mut x = planes();
        augment(&mut x, &[true; 3], &header(), &how, &mut ChaCha8Rng::seed_from_u64(5));
        assert!((1..4).all(|p| x[p * PLANE_LEN..(p + 1) * PLANE_LEN] == x[..PLANE_LEN]));
        assert_ne!(x[..PLANE_LEN], planes()[..PLANE_LEN]);
    }
}
